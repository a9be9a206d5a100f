from SCons.Script import main

main()
