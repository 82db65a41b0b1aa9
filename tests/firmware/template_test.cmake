# Copies the template and the SDK away from the tree and builds the one with the other, and nothing else.
file(REMOVE_RECURSE ${WORK})
file(COPY ${FIRMWARE}/sdk ${FIRMWARE}/include DESTINATION ${WORK}/aqpim)
file(COPY ${FIRMWARE}/template DESTINATION ${WORK})
execute_process(COMMAND ${CMAKE_COMMAND} -S ${WORK}/template -B ${WORK}/build -DAQPIM_SDK=${WORK}/aqpim/sdk
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${WORK}/build COMMAND_ERROR_IS_FATAL ANY)
if(NOT EXISTS ${WORK}/build/my.elf)
    message(FATAL_ERROR "The template left no my.elf")
endif()
