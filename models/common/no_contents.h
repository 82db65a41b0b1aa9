#pragma once

#include <tlm>

namespace aqpim {

/// An ignorable extension (IEEE 1666 clause 14.21.1): the payload's data does not matter, as in runs that only time. A
/// target that knows it neither reads nor writes the data array; one that does not moves bytes that nobody looks at.
/// The data pointer is valid all the same.
struct NoContents : tlm::tlm_extension<NoContents> {
    tlm::tlm_extension_base* clone() const override { return new NoContents; }
    void copy_from(const tlm::tlm_extension_base&) override {}

    static bool is_set(const tlm::tlm_generic_payload& payload) {
        return payload.get_extension<NoContents>() != nullptr;
    }
};

}  // namespace aqpim
