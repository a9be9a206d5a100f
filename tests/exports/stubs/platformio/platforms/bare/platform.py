from platformio.public import PlatformBase


class BarePlatform(PlatformBase):
    pass
