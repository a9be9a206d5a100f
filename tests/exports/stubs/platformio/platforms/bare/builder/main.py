from SCons.Script import Default, DefaultEnvironment

env = DefaultEnvironment()
tools = {"CC": "gcc", "CXX": "g++", "AR": "ar", "RANLIB": "ranlib", "LINK": "gcc"}
env.Replace(**{key: f"arm-none-eabi-{tool}" for key, tool in tools.items()}, PROGSUFFIX=".elf")
flags = "-mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard".split()
env.Append(CCFLAGS=[*flags, "-Os"], LINKFLAGS=[*flags, "--specs=rdimon.specs"])
Default(env.BuildProgram())
