# What makes a fault harder to use, for all that is compiled here: this project's sources, and Asio's.
include(CheckCXXCompilerFlag)

# Guards of return addresses; the program and its stack, heap and libraries at places nobody can foretell; all symbols
# bound at the start, then read-only; library calls whose sizes are known are checked, and so are indices in debug builds.
add_compile_options(-fstack-protector-strong -fPIE
  $<$<CONFIG:Release>:-U_FORTIFY_SOURCE> $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=3>
  $<$<NOT:$<CONFIG:Release>>:-D_GLIBCXX_ASSERTIONS>)
check_cxx_compiler_flag(-fcf-protection=full DAVY_CONTROL_FLOW)  # x86 only
if(DAVY_CONTROL_FLOW)
  add_compile_options(-fcf-protection=full)
endif()
# --as-needed: what is linked is used.
add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed -Wl,--build-id=sha1)

# davy_debug_apart(PROGRAM): what only a debugger reads goes into PROGRAM.debug beside it; gdb, lldb and perf find it there.
function(davy_debug_apart program)
  find_program(OBJCOPY NAMES llvm-objcopy-19 objcopy REQUIRED)
  set(debug $<TARGET_FILE_NAME:${program}>.debug)
  add_custom_command(TARGET ${program} POST_BUILD WORKING_DIRECTORY $<TARGET_FILE_DIR:${program}>
    COMMAND ${OBJCOPY} --only-keep-debug $<TARGET_FILE_NAME:${program}> ${debug}
    COMMAND ${OBJCOPY} --strip-unneeded --add-gnu-debuglink=${debug} $<TARGET_FILE_NAME:${program}>
    BYPRODUCTS ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/${program}.debug VERBATIM)
endfunction()
