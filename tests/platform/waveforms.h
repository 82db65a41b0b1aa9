#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "models/common/clock.h"

namespace aqpim::test {

/// A VCD read again: for each signal ("pim.channel0.busy") its value from each time on.
struct Waveforms {
    std::map<std::string, std::map<Picoseconds, std::string>> signals;

    explicit Waveforms(const std::string& text) {
        std::istringstream in(text);
        std::vector<std::string> scopes;
        std::map<std::string, std::string> names;
        Picoseconds now = 0;
        for (std::string word; in >> word;) {
            if (word == "$scope") {
                std::string kind;
                std::string name;
                in >> kind >> name;
                scopes.push_back(name);
            } else if (word == "$upscope") {
                scopes.pop_back();
            } else if (word == "$var") {
                std::string type;
                std::string size;
                std::string id;
                std::string name;
                in >> type >> size >> id >> name;
                std::string path;
                for (const std::string& scope : scopes) {
                    path += scope + ".";
                }
                REQUIRE(names.emplace(id, path + name).second);
            } else if (word[0] == '#') {
                const Picoseconds time = std::stoull(word.substr(1));
                REQUIRE((time > now || signals.empty()));
                now = time;
            } else if (word[0] == 's' || word[0] == 'r') {
                std::string id;
                in >> id;
                signals[names.at(id)][now] = word.substr(1);
            } else if (word[0] == '0' || word[0] == '1') {
                if (names.contains(word.substr(1))) {
                    signals[names.at(word.substr(1))][now] = word.substr(0, 1);
                }
            }
        }
        REQUIRE(scopes.empty());
    }

    std::string at(const std::string& signal, Picoseconds time) const {
        return std::prev(signals.at(signal).upper_bound(time))->second;
    }
};

}  // namespace aqpim::test
