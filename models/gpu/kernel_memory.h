#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace aqpim {

/// A kernel's access that the GPU's memory does not answer.
struct KernelAddressError {
    std::uint64_t address;  ///< first byte of the access
};

/// The contents of the GPU's memory as kernels reach them, without time: that is the roofline's. What lies outside is
/// thrown as KernelAddressError before anything is allocated for it.
class KernelMemory {
 public:
    struct Contents {
        std::function<bool(std::uint64_t address, void* data, std::uint64_t bytes)> read;
        std::function<bool(std::uint64_t address, const void* data, std::uint64_t bytes)> write;
    };
    /// `contents` outlives this object; `bytes` is the memory's size.
    KernelMemory(const Contents& contents, std::uint64_t bytes) : contents_(contents), bytes_(bytes) {}

    template <class Word>
    std::vector<Word> read(std::uint64_t address, std::uint64_t words) const {
        check(address, words * sizeof(Word));
        std::vector<Word> values(words);
        read_bytes(address, values.data(), words * sizeof(Word));
        return values;
    }
    template <class Word>
    void write(std::uint64_t address, const std::vector<Word>& values) {
        write_bytes(address, values.data(), values.size() * sizeof(Word));
    }
    void write_bytes(std::uint64_t address, const void* data, std::uint64_t bytes);

    /// Throws where an access to these bytes would.
    void check(std::uint64_t address, std::uint64_t bytes) const;

 private:
    void read_bytes(std::uint64_t address, void* data, std::uint64_t bytes) const;

    const Contents& contents_;
    std::uint64_t bytes_;
};

}  // namespace aqpim
