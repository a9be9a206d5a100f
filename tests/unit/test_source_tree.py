"""Writing files: all or nothing, and never at the cost of the user's."""

from __future__ import annotations

import json
import os
import stat

import pytest
from barecast.emit import SourceTree
from barecast.errors import InternalError, UsageError


def contents(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


TREE = SourceTree({"net.c": "int x;\n", "barecast/bc.h": "/* \u00b5 */\n", "data.bin": b"\x00\xff"})
BYTES = {"net.c": b"int x;\n", "barecast/bc.h": b"/* \xc2\xb5 */\n", "data.bin": b"\x00\xff"}


def test_a_new_folder_with_its_parents(tmp_path):
    assert TREE.write(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert contents(tmp_path / "a" / "b") == BYTES
    assert os.listdir(tmp_path / "a") == ["b"]


def test_the_folder_has_the_usual_rights(tmp_path):
    (tmp_path / "usual").mkdir()
    TREE.write(tmp_path / "out")
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == stat.S_IMODE((tmp_path / "usual").stat().st_mode)


def test_other_files_stay(tmp_path):
    (tmp_path / "barecast").mkdir()
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "barecast" / "mine.h").write_text("mine too")
    (tmp_path / "net.c").write_text("old")
    TREE.write(tmp_path)
    assert contents(tmp_path) == BYTES | {"mine.txt": b"mine", "barecast/mine.h": b"mine too"}


@pytest.mark.parametrize("make", ["file", "folder", "parent"])
def test_what_is_in_the_way_is_refused_before_anything_is_written(tmp_path, make):
    out = tmp_path / "out"
    if make == "file":
        out.write_text("a file")
    elif make == "folder":
        (out / "net.c").mkdir(parents=True)
    else:
        out.mkdir()
        (out / "barecast").write_text("a file")
    before = contents(tmp_path)
    with pytest.raises(UsageError, match="is a f|is not a folder"):
        TREE.write(out)
    assert contents(tmp_path) == before
    assert os.listdir(tmp_path) == ["out"]


def model(name):
    return SourceTree({f"{name}.c": "", "manifest.json": json.dumps({"barecast": "0", "name": name})})


def test_a_folder_holds_one_model(tmp_path):
    model("first").write(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(UsageError, match='holds the model "first", and "second"') as caught:
        model("second").write(tmp_path)
    assert caught.value.remedy == "give each model a folder of its own" and contents(tmp_path) == before
    model("first").write(tmp_path)  # again, as after a change of the model
    (tmp_path / "manifest.json").write_text("[]")  # of no model
    model("second").write(tmp_path)
    assert sorted(contents(tmp_path)) == ["first.c", "manifest.json", "second.c"]


def generated(*paths, listed=None):
    manifest = {"barecast": "0", "name": "net", "files": [*paths, "manifest.json"] if listed is None else listed}
    return SourceTree({**dict.fromkeys(paths, ""), "manifest.json": json.dumps(manifest)})


def test_what_the_model_no_longer_has_is_removed(tmp_path):
    """Constants in the other form, a kernel that it does not call any more, or an export that moved all of it."""
    generated("net.c", "net_weights.c", "barecast/old.h", "barecast/bc.h").write(tmp_path)
    for mine in ("CMakeLists.txt", "barecast/mine.h", "mine_weights.c", "net_mine.c"):
        (tmp_path / mine).write_text("mine")
    tree = generated("net.c", "net_weights.s", "barecast/bc.h")
    assert tree.left_over(tmp_path) == ("barecast/old.h", "net_weights.c")
    tree.write(tmp_path)
    kept = {"CMakeLists.txt", "barecast/mine.h", "mine_weights.c", "net_mine.c", "manifest.json"}
    assert set(contents(tmp_path)) == kept | {"net.c", "net_weights.s", "barecast/bc.h"}
    moved = generated("src/net.c", "src/barecast/bc.h")
    moved.write(tmp_path)
    assert set(contents(tmp_path)) == kept | {"src/net.c", "src/barecast/bc.h"}
    generated("net.c").write(tmp_path)
    assert set(contents(tmp_path)) == kept | {"net.c"} and not (tmp_path / "src").exists()


def test_a_manifest_cannot_have_other_files_removed(tmp_path):
    out, other = tmp_path / "out", tmp_path / "other"
    other.mkdir()
    for name in ("net_weights.c", "old.h"):
        (other / name).write_text("mine")
    outside = ["../other/net_weights.c", str(other / "old.h"), "barecast/old.h", "barecast/../mine.h"]
    inside = ["mine.c", "CMakeLists.txt", "net.C", "net_weights.s", "net_weights.h", 3, None]
    generated("net.c", listed=[*outside, *inside]).write(out)
    for name in ("mine.c", "mine.h", "CMakeLists.txt"):
        (out / name).write_text("mine")
    (out / "barecast").symlink_to(other)
    (out / "net_weights.s").symlink_to(other / "net_weights.c")
    (out / "net_weights.h").mkdir()
    before = contents(tmp_path)
    tree = generated("net.c")
    assert tree.left_over(out) == ()
    tree.write(out)
    (out / "manifest.json").write_text('{"barecast": "0", "name": "net", "files": "net_weights.c"}')
    assert tree.left_over(out) == ()
    tree.write(out)
    assert contents(tmp_path) == {**before, "out/manifest.json": tree.files["manifest.json"].encode()}
    assert not TREE.left_over(out), "a tree that is no model's"


def test_every_refusal_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below" / "it"):
        with pytest.raises(UsageError, match="file is not a folder") as caught:
            TREE.write(folder)
        assert caught.value.remedy == "choose another folder"


def test_an_error_half_way_leaves_nothing(tmp_path, monkeypatch):
    (tmp_path / "net.c").write_text("old")

    def full(self, folder):
        (folder / "net.c").write_text("int")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SourceTree, "_write_into", full)
    with pytest.raises(UsageError, match="No space left"):
        TREE.write(tmp_path)
    with pytest.raises(UsageError, match="No space left"):
        TREE.write(tmp_path / "new")
    assert contents(tmp_path) == {"net.c": b"old"}
    assert os.listdir(tmp_path) == ["net.c"]


@pytest.mark.parametrize("path", ["/etc/x", "../x", "a/../b", "a//b", "", "a\\b", "./a"])
def test_a_path_that_leaves_the_folder_is_refused(path):
    with pytest.raises(InternalError, match="no path"):
        SourceTree({path: ""})


def test_with_files_is_a_new_tree():
    more = TREE.with_files({"CMakeLists.txt": "x"})
    assert set(more.files) == set(TREE.files) | {"CMakeLists.txt"}
    assert "CMakeLists.txt" not in TREE.files
