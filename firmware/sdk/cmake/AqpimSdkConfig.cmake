include(${CMAKE_CURRENT_LIST_DIR}/../aqpim_sdk.cmake)
