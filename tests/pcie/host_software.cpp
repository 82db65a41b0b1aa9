#include "tests/pcie/host_software.h"

namespace aqpim {

unsigned FunctionRegisters::capability(unsigned id) {
    unsigned offset = read(pci_register::capabilities, 1);
    while (offset != 0 && read(offset, 1) != id) {
        offset = read(offset + 1, 1);
    }
    return offset;
}

unsigned FunctionRegisters::extended_capability(unsigned id) {
    unsigned offset = pci_register::extended_capabilities;
    while (offset != 0 && (read(offset) & 0xffff) != id) {
        offset = read(offset) >> 20;
    }
    return offset;
}

HeaderLog FunctionRegisters::header_log() {
    HeaderLog log{};
    for (unsigned word = 0; word < log.size(); ++word) {
        log[word] = read(aer(aer_register::header_log + 4 * word));
    }
    return log;
}

void FunctionRegisters::enable_error_messages() {
    write(pcie(pcie_register::device_control), read(pcie(pcie_register::device_control), 2) | 0xf, 2);
    write(pci_register::command, read(pci_register::command, 2) | pci_command_serr, 2);
    write(aer(aer_register::correctable_mask), 0);
}

}  // namespace aqpim
