#include <csignal>
#include <cstdlib>
#include <systemc>

#include "sc_main/cli.h"

int sc_main(int argc, char** argv) {
    return aqpim::run_command_line(argc, argv);
}

/// In place of the library's own: the same, without its banner and its note that the simulation was stopped.
int main(int argc, char** argv) {
    // A limit on files' sizes is then an error of the write, which is reported, and not the end of the process.
    std::signal(SIGXFSZ, SIG_IGN);
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "DISABLE", 0);
    sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    return sc_core::sc_elab_and_sim(argc, argv);
}
