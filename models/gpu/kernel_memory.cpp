#include "models/gpu/kernel_memory.h"

namespace aqpim {

void KernelMemory::check(std::uint64_t address, std::uint64_t bytes) const {
    if (bytes > bytes_ || address > bytes_ - bytes) {
        throw KernelAddressError{address};
    }
}

void KernelMemory::read_bytes(std::uint64_t address, void* data, std::uint64_t bytes) const {
    if (!contents_.read(address, data, bytes)) {
        throw KernelAddressError{address};
    }
}

void KernelMemory::write_bytes(std::uint64_t address, const void* data, std::uint64_t bytes) {
    check(address, bytes);
    if (!contents_.write(address, data, bytes)) {
        throw KernelAddressError{address};
    }
}

}  // namespace aqpim
