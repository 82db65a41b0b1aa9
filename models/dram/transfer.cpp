#include "models/dram/transfer.h"

#include <algorithm>

namespace aqpim::dram {

RequestWalk::RequestWalk(const Transfer& transfer, const AddressMap& address_map, const Organization& organization)
    : address_map_(address_map),
      burst_bytes_(organization.burst_bytes),
      transfer_(transfer),
      burst_(transfer.address / burst_bytes_ * burst_bytes_),
      beat_end_(transfer.address + std::min(transfer.width, transfer.length)),
      location_(address_map.decode(burst_)) {}

bool RequestWalk::next(Request& request) {
    if (ended_) {
        return false;
    }
    request.location = location_;
    request.bursts = 1;
    request.write = transfer_.write;
    while (next_burst() && continues(request)) {
        ++request.bursts;
    }
    return true;
}

bool RequestWalk::next_burst() {
    burst_ += burst_bytes_;
    if (burst_ >= beat_end_) {
        beat_ += std::min(transfer_.width, transfer_.length - beat_);
        ended_ = beat_ == transfer_.length;
        if (ended_) {
            return false;
        }
        burst_ = transfer_.address / burst_bytes_ * burst_bytes_;
        beat_end_ = transfer_.address + std::min(transfer_.width, transfer_.length - beat_);
    }
    location_ = address_map_.decode(burst_);
    return true;
}

bool RequestWalk::continues(const Request& request) const {
    Location follower = request.location;
    follower.column += request.bursts;
    return location_ == follower;
}

}  // namespace aqpim::dram
