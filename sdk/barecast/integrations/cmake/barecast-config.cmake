# SPDX-License-Identifier: 0BSD
#
# barecast_add_model(<name> MODEL <file> [TARGET <core> | BOARD <board>] [OPTIMIZE speed|size|ram]
#                    [OPTIONS <option of `barecast generate`>...] [DEPENDS <file>...])
#
# Adds the static library <name>: the model's C with <name>.h, made when the build needs it, and made again whenever the
# model, its external data, an option or barecast itself has changed. <name> is also the prefix of its C symbols.

cmake_minimum_required(VERSION 3.20)

find_program(BARECAST_COMMAND barecast DOC "The program barecast, or a list like python3;-m;barecast")
if(NOT BARECAST_COMMAND)
    set(barecast_FOUND FALSE)
    set(barecast_NOT_FOUND_MESSAGE "there is no program barecast on PATH: set BARECAST_COMMAND")
    return()
endif()

# What barecast says of all cores; asked for again on every configuration.
execute_process(
    COMMAND ${BARECAST_COMMAND} targets --json -
    OUTPUT_VARIABLE BARECAST_TARGETS
    RESULT_VARIABLE barecast_result
    ERROR_VARIABLE barecast_error)
if(NOT barecast_result EQUAL 0)
    set(barecast_FOUND FALSE)
    set(barecast_NOT_FOUND_MESSAGE "${BARECAST_COMMAND} does not run: ${barecast_result} ${barecast_error}")
    return()
endif()

# barecast_target_options(<variable> <core> <speed|size|ram>): what a model for the core is to be compiled with.
function(barecast_target_options variable core optimize)
    string(JSON last LENGTH "${BARECAST_TARGETS}" targets)
    math(EXPR last "${last} - 1")
    set(options)
    foreach(index RANGE ${last})
        string(JSON name GET "${BARECAST_TARGETS}" targets ${index} name)
        if(NOT name STREQUAL core)
            continue()
        endif()
        foreach(key IN ITEMS "options;${optimize}" gcc_options)
            string(JSON count LENGTH "${BARECAST_TARGETS}" targets ${index} ${key})
            foreach(place RANGE ${count})
                if(place EQUAL count)
                    break()
                endif()
                string(JSON option GET "${BARECAST_TARGETS}" targets ${index} ${key} ${place})
                if(key STREQUAL "gcc_options")
                    set(option "$<$<C_COMPILER_ID:GNU>:${option}>")
                endif()
                list(APPEND options "${option}")
            endforeach()
        endforeach()
    endforeach()
    set(${variable} "${options}" PARENT_SCOPE)
endfunction()

# barecast_board_target(<variable> <board>): the core of a board, or of a board's own file.
function(barecast_board_target variable board)
    set(core)
    if(board MATCHES "\\.toml$")
        get_filename_component(file "${board}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
        file(STRINGS "${file}" lines REGEX "^target *= *\"[^\"]*\"")
        string(REGEX REPLACE "^target *= *\"([^\"]*)\".*" "\\1" core "${lines}")
    else()
        execute_process(COMMAND ${BARECAST_COMMAND} boards --json - OUTPUT_VARIABLE boards COMMAND_ERROR_IS_FATAL ANY)
        string(JSON count LENGTH "${boards}" boards)
        math(EXPR last "${count} - 1")
        foreach(index RANGE ${last})
            string(JSON name GET "${boards}" boards ${index} name)
            if(name STREQUAL board)
                string(JSON core GET "${boards}" boards ${index} target)
            endif()
        endforeach()
    endif()
    if(NOT core)
        message(FATAL_ERROR "barecast: there is no board ${board}")
    endif()
    set(${variable} "${core}" PARENT_SCOPE)
endfunction()

function(barecast_add_model name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "MODEL;TARGET;BOARD;OPTIMIZE" "OPTIONS;DEPENDS")
    if(arg_UNPARSED_ARGUMENTS OR NOT arg_MODEL)
        message(FATAL_ERROR "barecast_add_model(${name} ...): MODEL is missing, or this is not known: ${arg_UNPARSED_ARGUMENTS}")
    endif()
    get_filename_component(model "${arg_MODEL}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
    set(folder "${CMAKE_CURRENT_BINARY_DIR}/barecast/${name}")
    set(made "${folder}/manifest.json" "${folder}/${name}.c" "${folder}/${name}.h")
    set(options --name ${name} --single-file)
    set(core host)
    if(arg_TARGET)
        list(APPEND options --target ${arg_TARGET})
        set(core ${arg_TARGET})
    endif()
    if(arg_BOARD)
        list(APPEND options --board ${arg_BOARD})
        if(NOT arg_TARGET)
            barecast_board_target(core ${arg_BOARD})
        endif()
    endif()
    if(NOT arg_OPTIMIZE)
        set(arg_OPTIMIZE speed)
    endif()
    file(MAKE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/barecast")
    add_custom_command(
        OUTPUT ${made}
        COMMAND ${BARECAST_COMMAND} generate "${model}" -o "${folder}" --depfile "${folder}.d" ${options}
                --optimize ${arg_OPTIMIZE} ${arg_OPTIONS}
        DEPENDS "${model}" ${arg_DEPENDS}
        DEPFILE "${folder}.d"
        WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
        COMMENT "barecast: ${name} from ${arg_MODEL}"
        VERBATIM)
    add_library(${name} STATIC ${made})
    target_include_directories(${name} PUBLIC "${folder}")
    if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
        barecast_target_options(compile_options ${core} ${arg_OPTIMIZE})
        target_compile_options(${name} PRIVATE ${compile_options})
    endif()
endfunction()
