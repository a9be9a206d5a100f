"""Generated models in memory between pages that may not be touched, on input bytes that nobody means.

One program for many models. It places the arena, the state and a fed input each at the end of pages of their own and
then at their start, with a page before and behind that the processor refuses to read or write: an access beside them
kills the program. What alignment leaves between memory and page is filled with a pattern that must stay.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from barecast import emit
from barecast.emit import SourceTree

from tests.strict import hostile_bytes

PLAIN = ("gcc", "-std=c99", "-O2", "-ffp-contract=off")
SANITIZED = (
    *("gcc", "-std=c99", "-O1", "-g", "-ffp-contract=off"),
    *("-fsanitize=address,undefined,float-cast-overflow", "-fno-sanitize-recover=all"),
)
RUNS = 2
"""Of each filling, without a reset between them: what the first leaves in the state, the second reads."""


@dataclass(frozen=True)
class Result:
    """What the program did. runs: inferences. fault: what it said when it was stopped, with the model's name, or ""."""

    runs: int
    fault: str


def _entry(tree: SourceTree) -> tuple[str, str]:
    """C: a function that runs a model, and the model's row of the table."""
    about = emit.manifest(tree)
    name, states = about["name"], about["state_bytes"]
    header = tree.files[f"{name}.h"]
    header = header if isinstance(header, str) else header.decode()
    fed = f"void {name}_start(" in header
    call = f"{name}_run(arena{', (const void *)fed' if fed else ''}{f', ({name}_state *)state' if states else ''});"
    reset = f"{name}_state_reset(({name}_state *)state);" if states else ""
    function = (
        f"static void run_{name}(void *arena, void *state, void *fed)\n{{\n    (void)state, (void)fed;\n    {call}\n}}\n"
        f"static void reset_{name}(void *state)\n{{\n    (void)state;\n    {reset}\n}}\n"
    )
    ports = ", ".join(f"{{{0 if fed else port['offset']}, {port['bytes']}}}" for port in about["inputs"])
    row = (
        f'    {{"{name}", {about["arena_bytes"]}, {about["arena_align"]}, {states}, {about["state_align"] or 1}, '
        f"{about['inputs'][0]['bytes'] if fed else 0}, {len(about['inputs'])}, {{{ports}}}, run_{name}, reset_{name}}},"
    )
    return function, row


def source(trees: Sequence[SourceTree]) -> str:
    """The program's text; single-file models lie beside it."""
    names = [emit.manifest(tree)["name"] for tree in trees]
    entries = [_entry(tree) for tree in trees]
    ports = max(len(emit.manifest(tree)["inputs"]) for tree in trees)
    words = [", ".join(f"0x{value:08X}u" for value in hostile_bytes.WORDS.values())]
    return "\n".join(
        [
            "#define _GNU_SOURCE",
            *(f'#include "{name}.c"' for name in names),
            _SUPPORT.replace("PORTS", str(ports)).replace("WORDS", words[0]).replace("RANDOM", str(len(hostile_bytes.RANDOM))),
            *(function for function, _ in entries),
            "static const struct model models[] = {",
            *(row for _, row in entries),
            "};",
            _MAIN.replace("RUNS", str(RUNS)),
        ]
    )


def execute(trees: Sequence[SourceTree], folder: Path, compiler: Sequence[str] = PLAIN) -> Result:
    """Builds the models, each a single file with a name of its own, and runs all."""
    folder.mkdir(parents=True, exist_ok=True)
    for tree in trees:
        tree.write(folder / "models" / emit.manifest(tree)["name"])
    folders = [f"-I{folder / 'models' / emit.manifest(tree)['name']}" for tree in trees]
    (folder / "guarded.c").write_text(source(trees))
    (folder / "includes").write_text("\n".join(folders))
    program = folder / "guarded"
    line = [*compiler, f"@{folder / 'includes'}", str(folder / "guarded.c"), "-o", str(program)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:3000]
    done = subprocess.run([str(program)], capture_output=True, text=True, errors="replace", check=False)
    lines = done.stdout.splitlines()
    if done.returncode == 0:
        return Result(int(lines[-1]), "")
    return Result(0, f"{lines[-1] if lines else ''}: exit status {done.returncode}\n{done.stderr[:3000]}")


_SUPPORT = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct model {
    const char *name;
    size_t arena, arena_align, state, state_align, fed, count;
    struct { size_t offset, bytes; } in[PORTS];
    void (*run)(void *arena, void *state, void *fed);
    void (*reset)(void *state);
};

static const uint32_t words[] = {WORDS};
enum { FIXED = sizeof words / sizeof words[0], FILLINGS = FIXED + RANDOM, CANARY = 0xC3 };

struct block { /* pages in use, and the memory in them */
    unsigned char *pages, *memory;
    size_t length, bytes;
};

static struct block placed(size_t bytes, size_t align, int at_end)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), length = (bytes + page) / page * page;
    unsigned char *all = mmap(NULL, length + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct block block = {all + page, all + page, length, bytes};
    if (all == MAP_FAILED || mprotect(block.pages, length, PROT_READ | PROT_WRITE)) {
        puts("no memory");
        exit(1);
    }
    memset(block.pages, CANARY, length);
    if (at_end) {
        block.memory += (length - bytes) / align * align;
    }
    return block;
}

static void dropped(struct block block)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (size_t i = 0; i != block.length; ++i) {
        const unsigned char *at = block.pages + i;
        if ((at < block.memory || at >= block.memory + block.bytes) && *at != CANARY) {
            printf("written %ld bytes behind the start of %lu\\n", (long)(at - block.memory), (unsigned long)block.bytes);
            exit(1);
        }
    }
    munmap(block.pages - page, block.length + 2 * page);
}

static uint32_t noise = 1;

static void fill(void *to, size_t bytes, size_t filling)
{
    unsigned char *at = to;
    for (size_t i = 0; i < bytes; i += 4) {
        noise ^= noise << 13, noise ^= noise >> 17, noise ^= noise << 5;
        const uint32_t word = filling < FIXED ? words[filling] : filling + 1 < FILLINGS ? noise : words[noise % FIXED];
        memcpy(at + i, &word, bytes - i < 4 ? bytes - i : 4);
    }
}
"""

_MAIN = """
int main(void)
{
    unsigned long runs = 0;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    for (size_t number = 0; number != sizeof models / sizeof models[0]; ++number) {
        const struct model *model = &models[number];
        puts(model->name);
        for (size_t turn = 0; turn != 2 * FILLINGS; ++turn) {
            const int at_end = turn < FILLINGS;
            const size_t filling = turn % FILLINGS;
            struct block arena = placed(model->arena, model->arena_align, at_end);
            struct block state = placed(model->state, model->state_align, at_end);
            struct block fed = placed(model->fed, 8, at_end);
            fill(arena.memory, model->arena, filling);
            fill(state.memory, model->state, filling);
            model->reset(state.memory);
            for (int again = 0; again != RUNS; ++again, ++runs) {
                for (size_t port = 0; port != model->count; ++port) {
                    unsigned char *to = model->fed ? fed.memory : arena.memory + model->in[port].offset;
                    fill(to, model->in[port].bytes, again ? FILLINGS - 1 : filling);
                }
                model->run(arena.memory, state.memory, fed.memory);
            }
            dropped(arena);
            dropped(state);
            dropped(fed);
        }
    }
    printf("%lu\\n", runs);
    return 0;
}
"""
