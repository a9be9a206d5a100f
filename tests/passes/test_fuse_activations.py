import pytest
from barecast.passes.fuse_activations import fuse_activations

from tests.passes.expect import becomes, stays

PRODUCERS = {
    "conv2d": "const %w: f32[3,1,1,2] = random(1)\n%p: f32[1,2,2,3] = conv2d(%x, %w, _)",
    "dwconv2d": "const %w: f32[1,1,2] = random(1)\n%p: f32[1,2,2,2] = dwconv2d(%x, %w, _)",
    "dense": "const %w: f32[3,2] = random(1)\n%p: f32[1,2,2,3] = dense(%x, %w, _)",
    "matmul": "%p: f32[1,2,2,2] = matmul(%x, %x)",
    "binary": "%p: f32[1,2,2,2] = binary(%x, %x) kind=mul",
    "pool2d": "%p: f32[1,1,1,2] = pool2d(%x) kind=max kernel=(2,2)",
    "reduce": "%p: f32[1,2,2,1] = reduce(%x) kind=mean axes=(3,)",
    "unary": "%p: f32[1,2,2,2] = unary(%x) kind=tanh",
}


@pytest.mark.parametrize("op", PRODUCERS)
def test_each_producer_takes_the_clamp(op: str):
    head, shape = 'graph "g"\ninput "x" %x: f32[1,2,2,2]\n', PRODUCERS[op].split("%p: ")[1].split(" ")[0]
    becomes(
        fuse_activations,
        f'{head}{PRODUCERS[op]}\n%y: {shape} = unary(%p) kind=clamp activation=clamp(0.0,0.5)\noutput "y" %y\n',
        f'{head}{PRODUCERS[op]} activation=clamp(0.0,0.5)\noutput "y" %p\n',
    )


def test_two_clamps_become_one_and_views_do_not_matter():
    becomes(
        fuse_activations,
        """graph "g"
        input "x" %x: f32[2,3]
        %a: f32[2,3] = binary(%x, %x) kind=add activation=clamp(-3.0,inf)
        %b: f32[3,2] = transpose(%a) perm=(1,0)
        %c: f32[6] = reshape(%b) shape=(6)
        %d: f32[6] = unary(%c) kind=clamp activation=clamp(-inf,4.0)
        %y: f32[6] = unary(%d) kind=clamp activation=clamp(-1.0,5.0)
        output "y" %y
        """,
        """graph "g"
        input "x" %x: f32[2,3]
        %a: f32[2,3] = binary(%x, %x) kind=add activation=clamp(-1.0,4.0)
        %b: f32[3,2] = transpose(%a) perm=(1,0)
        %c: f32[6] = reshape(%b) shape=(6)
        output "y" %c
        """,
    )


def test_bytes_of_one_quantisation():
    becomes(
        fuse_activations,
        """graph "g"
        input "x" %x: s8[200]{0.5@3}
        %a: s8[200]{1.0@-5} = binary(%x, %x) kind=add
        %y: s8[200]{1.0@-5} = unary(%a) kind=clamp activation=clamp(0.0,6.0)
        output "y" %y
        """,
        """graph "g"
        input "x" %x: s8[200]{0.5@3}
        %a: s8[200]{1.0@-5} = binary(%x, %x) kind=add activation=clamp(0.0,6.0)
        output "y" %a
        """,
    )
    stays(
        fuse_activations,
        """graph "g"
        input "x" %x: s8[200]{0.5@3}
        %a: s8[200]{1.0@-5} = binary(%x, %x) kind=add
        %y: s8[200]{0.5@-5} = unary(%a) kind=clamp activation=clamp(0.0,6.0)
        output "y" %y
        """,
    )


@pytest.mark.parametrize("other", ['output "a" %a', '%z: f32[4] = unary(%a) kind=tanh\noutput "z" %z'])
def test_a_second_reader_keeps_the_unclamped_numbers(other: str):
    stays(
        fuse_activations,
        f"""graph "g"
        input "x" %x: f32[4]
        %a: f32[4] = binary(%x, %x) kind=add
        %y: f32[4] = unary(%a) kind=clamp activation=clamp(0.0,inf)
        {other.split("output")[0]}
        output "y" %y
        output{other.split("output")[1]}
        """,
    )


def test_data_movers_with_numbers_of_their_own_stop_it():
    stays(
        fuse_activations,
        """graph "g"
        input "x" %x: f32[4]
        %a: f32[4] = binary(%x, %x) kind=add
        %p: f32[5] = pad(%a) before=(1) after=(0) value=-3.0
        %y: f32[5] = unary(%p) kind=clamp activation=clamp(0.0,inf)
        output "y" %y
        """,
    )
