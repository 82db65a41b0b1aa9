# Makes the report's pages, <build>/report/{run,sweep,compare}.html, from report/ (report/README.md). A build with nothing
# to do does not enter it. Packages come from the npm registry, the first time and when package-lock.json changes.

find_program(AQPIM_NODE NAMES node nodejs REQUIRED)
find_program(AQPIM_NPM npm REQUIRED)

set(AQPIM_REPORT_SOURCE ${CMAKE_SOURCE_DIR}/report)
set(AQPIM_REPORT_BUILD ${CMAKE_BINARY_DIR}/report)
set(AQPIM_REPORT_PACKAGES ${AQPIM_REPORT_BUILD}/packages.stamp)
set(AQPIM_REPORT_PAGES ${AQPIM_REPORT_BUILD}/run.html ${AQPIM_REPORT_BUILD}/sweep.html
                       ${AQPIM_REPORT_BUILD}/compare.html)
file(GLOB_RECURSE AQPIM_REPORT_FILES CONFIGURE_DEPENDS ${AQPIM_REPORT_SOURCE}/src/*)

add_custom_command(
    OUTPUT ${AQPIM_REPORT_PACKAGES}
    COMMAND ${AQPIM_REPORT_SOURCE}/install.sh ${AQPIM_REPORT_BUILD}
    COMMAND ${CMAKE_COMMAND} -E touch ${AQPIM_REPORT_PACKAGES}
    DEPENDS ${AQPIM_REPORT_SOURCE}/install.sh ${AQPIM_REPORT_SOURCE}/package.json
            ${AQPIM_REPORT_SOURCE}/package-lock.json
    COMMENT "Installing the packages of the report's pages"
    VERBATIM)
add_custom_command(
    OUTPUT ${AQPIM_REPORT_PAGES}
    COMMAND ${AQPIM_NODE} ${AQPIM_REPORT_SOURCE}/bundle.mjs ${AQPIM_REPORT_BUILD}
    DEPENDS ${AQPIM_REPORT_PACKAGES} ${AQPIM_REPORT_SOURCE}/bundle.mjs ${AQPIM_REPORT_FILES}
    COMMENT "Making the report's pages"
    VERBATIM)
add_custom_target(report_pages DEPENDS ${AQPIM_REPORT_PAGES})
