from barecast.passes.fuse_normalisations import fuse_normalisations

from tests.passes.expect import becomes, stays

NORM = """graph "g"
    input "x" %x: f32[2,3,4]
    const %e: f32[] = [0.0625]
    const %s: f32[4] = [1.0, 2.0, 3.0, 4.0]
    %m: f32[2,3,1] = reduce(%x) kind=mean axes=(2)
    %d: f32[2,3,4] = binary(%x, %m) kind=sub
    %q: f32[2,3,4] = unary(%d) kind=square
    %v: f32[2,3,1] = reduce(%q) kind=mean axes=(2)
    %a: f32[2,3,1] = binary(%v, %e) kind=add
    %r: f32[2,3,1] = unary(%a) kind=sqrt
    %n: f32[2,3,4] = binary(%d, %r) kind=div
    """


def test_with_its_scale():
    becomes(
        fuse_normalisations,
        NORM + """%y: f32[2,3,4] = binary(%n, %s) kind=mul
        output "y" %y
        """,
        """graph "g"
        input "x" %x: f32[2,3,4]
        const %s: f32[4] = [1.0, 2.0, 3.0, 4.0]
        %y: f32[2,3,4] = layer_norm(%x, %s) axes=(2) epsilon=0.0625
        output "y" %y
        """,
        tolerance=1e-5,
    )


def test_what_others_read_stays_for_them():
    """The mean is an output too; a scale behind a tensor that is read twice is a product of its own."""
    becomes(
        fuse_normalisations,
        NORM + """%y: f32[2,3,4] = binary(%n, %s) kind=mul
        output "y" %y
        output "n" %n
        output "m" %m
        """,
        """graph "g"
        input "x" %x: f32[2,3,4]
        const %s: f32[4] = [1.0, 2.0, 3.0, 4.0]
        %m: f32[2,3,1] = reduce(%x) kind=mean axes=(2)
        %n: f32[2,3,4] = layer_norm(%x) axes=(2) epsilon=0.0625
        %y: f32[2,3,4] = binary(%n, %s) kind=mul
        output "y" %y
        output "n" %n
        output "m" %m
        """,
        tolerance=1e-5,
    )


def test_another_axis_is_no_normalisation():
    stays(
        fuse_normalisations,
        """graph "g"
        input "x" %x: f32[2,4,4]
        %m: f32[2,4,1] = reduce(%x) kind=mean axes=(2)
        %d: f32[2,4,4] = binary(%x, %m) kind=sub
        %q: f32[2,4,4] = unary(%d) kind=square
        %v: f32[2,1,4] = reduce(%q) kind=mean axes=(1)
        %r: f32[2,1,4] = unary(%v) kind=sqrt
        %z: f32[2,4,4] = unary(%x) kind=abs
        %y: f32[2,4,4] = binary(%z, %r) kind=div
        output "y" %y
        """,
    )
