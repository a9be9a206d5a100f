from barecast.passes.permute_dense_weights import permute_dense_weights

from tests.passes.expect import becomes, stays


def test_float_weights_behind_a_flatten_and_a_clamp():
    becomes(
        permute_dense_weights,
        """graph "g"
        input "x" %x: f32[2,3,4,5]
        const %w: f32[7,60] = random(1)
        %t: f32[2,5,3,4] = transpose(%x) perm=(0,3,1,2)
        %v: f32[2,60] = reshape(%t) shape=(2,60)
        %r: f32[2,60] = unary(%v) kind=clamp activation=clamp(0.0,inf)
        %y: f32[2,7] = dense(%r, %w, _)
        output "y" %y
        """,
        """graph "g"
        input "x" %x: f32[2,3,4,5]
        %v: f32[2,60] = reshape(%x) shape=(2,60)
        %r: f32[2,60] = unary(%v) kind=clamp activation=clamp(0.0,inf)
        const %w: f32[7,60] = random(1)
        %y: f32[2,7] = dense(%r, %w, _)
        output "y" %y
        """,
        tolerance=1e-4,
    )


def test_bytes_and_two_layers():
    becomes(
        permute_dense_weights,
        """graph "g"
        input "x" %x: s8[1,2,3,4]{0.5@3}
        const %w: s8[2,24]{0: 0.5@0 0.25@0} = random(1)
        const %u: s8[3,24]{0.5@0} = random(2)
        %t: s8[1,4,3,2]{0.5@3} = transpose(%x) perm=(0,3,2,1)
        %v: s8[1,24]{0.5@3} = reshape(%t) shape=(1,24)
        %a: s8[1,2]{16.0@0} = dense(%v, %w, _)
        %q: s8[1,24]{0.75@3} = requantize(%v)
        %b: s8[1,3]{16.0@0} = dense(%q, %u, _)
        output "a" %a
        output "b" %b
        """,
        """graph "g"
        input "x" %x: s8[1,2,3,4]{0.5@3}
        %v: s8[1,24]{0.5@3} = reshape(%x) shape=(1,24)
        const %w: s8[2,24]{0: 0.5@0 0.25@0} = random(1)
        %a: s8[1,2]{16.0@0} = dense(%v, %w, _)
        %q: s8[1,24]{0.75@3} = requantize(%v)
        const %u: s8[3,24]{0.5@0} = random(2)
        %b: s8[1,3]{16.0@0} = dense(%q, %u, _)
        output "a" %a
        output "b" %b
        """,
    )


def test_a_batch_that_moves_and_other_readers_stay():
    stays(
        permute_dense_weights,
        """graph "g"
        input "x" %x: f32[2,3,4]
        const %w: f32[5,6] = random(1)
        %t: f32[4,2,3] = transpose(%x) perm=(2,0,1)
        %v: f32[4,6] = reshape(%t) shape=(4,6)
        %y: f32[4,5] = dense(%v, %w, _)
        output "y" %y
        """,
    )
    for other in ("%v", "%s"):
        stays(
            permute_dense_weights,
            f"""graph "g"
            input "x" %x: f32[2,3,4]
            const %w: f32[5,12] = random(1)
            %t: f32[2,4,3] = transpose(%x) perm=(0,2,1)
            %v: f32[2,12] = reshape(%t) shape=(2,12)
            {"%s: f32[2,12] = softmax(%v) axis=1" if other == "%s" else ""}
            %y: f32[2,5] = dense(%v, %w, _)
            output "y" %y
            output "other" {other}
            """,
        )
