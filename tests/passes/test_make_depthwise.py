from barecast.passes.make_depthwise import make_depthwise

from tests.passes.expect import becomes, stays


def test_one_group_per_channel_with_a_multiplier():
    becomes(
        make_depthwise,
        """graph "g"
        input "x" %x: f32[1,5,4,3]
        const %w: f32[6,3,2,1] = random(1)
        const %b: f32[6] = random(2)
        %y: f32[1,3,4,6] = conv2d(%x, %w, %b) strides=(2,1) dilations=(1,2) pads=(1,1,1,1) groups=3
        output "y" %y
        """,
        """graph "g"
        input "x" %x: f32[1,5,4,3]
        const %w: f32[3,2,6] = random(1)
        const %b: f32[6] = random(2)
        %y: f32[1,3,4,6] = dwconv2d(%x, %w, %b) strides=(2,1) dilations=(1,2) pads=(1,1,1,1)
        output "y" %y
        """,
        tolerance=1e-5,
    )


def test_dequantised_weights_turn_with_their_axis():
    becomes(
        make_depthwise,
        """graph "g"
        input "x" %x: f32[1,5,4,2]
        const %w: s8[2,3,3,1]{0: 0.5@0 0.25@3} = random(1)
        %f: f32[2,3,3,1] = dequantize(%w)
        %y: f32[1,3,2,2] = conv2d(%x, %f, _) groups=2 activation=clamp(0.0,1.0)
        output "y" %y
        """,
        """graph "g"
        input "x" %x: f32[1,5,4,2]
        const %w: s8[3,3,2]{2: 0.5@0 0.25@3} = random(1)
        %f: f32[3,3,2] = dequantize(%w)
        %y: f32[1,3,2,2] = dwconv2d(%x, %f, _) activation=clamp(0.0,1.0)
        output "y" %y
        """,
    )


def test_other_convolutions_stay():
    for shape, channels, groups in (("6,3,3,2", 4, 2), ("6,3,3,1", 1, 1)):
        stays(
            make_depthwise,
            f"""graph "g"
            input "x" %x: f32[1,5,4,{channels}]
            const %w: f32[{shape}] = random(1)
            %y: f32[1,3,2,6] = conv2d(%x, %w, _) groups={groups}
            output "y" %y
            """,
        )
    stays(
        make_depthwise,
        """graph "g"
        input "x" %x: f32[1,5,4,2]
        input "w" %w: f32[2,3,3,1]
        %y: f32[1,3,2,2] = conv2d(%x, %w, _) groups=2
        output "y" %y
        """,
    )
