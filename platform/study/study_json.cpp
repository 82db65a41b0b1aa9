#include "platform/study/study_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "models/common/error.h"
#include "platform/results/atomic_file.h"

namespace aqpim {

std::string enumeration(const std::vector<std::string>& words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        out += fmt::format("{}{}", i == 0 ? "" : i + 1 == words.size() ? " or " : ", ", words[i]);
    }
    return out;
}

StudyJson StudyJson::read(const std::string& file) {
    try {
        return {Json::parse(read_text_file(file), nullptr, true, true), file, ""};
    } catch (const Json::parse_error& error) {
        throw InputError(fmt::format("{}: not JSON: {}", file, error.what()));
    }
}

void StudyJson::refuse(const std::string& message) const {
    throw InputError(fmt::format("{}: {}{}{}", file_, place_, place_.empty() ? "" : ": ", message));
}

void StudyJson::allow(std::initializer_list<std::string_view> required,
                      std::initializer_list<std::string_view> optional) const {
    if (!value_.is_object()) {
        refuse(fmt::format("{} found; allowed: an object", value_.type_name()));
    }
    const auto lists = [](auto keys, const std::string& key) {
        return std::find(keys.begin(), keys.end(), key) != keys.end();
    };
    for (const auto& [key, unused] : value_.items()) {
        if (!lists(required, key) && !lists(optional, key)) {
            std::vector<std::string> allowed(required.begin(), required.end());
            allowed.insert(allowed.end(), optional.begin(), optional.end());
            refuse(fmt::format("unknown key '{}'; allowed: {}", key, enumeration(allowed)));
        }
    }
    for (const std::string_view key : required) {
        if (!has(key)) {
            refuse(fmt::format("'{}' is missing", key));
        }
    }
}

bool StudyJson::has(std::string_view key) const {
    return value_.is_object() && value_.contains(std::string(key));
}

std::string StudyJson::place_of(std::string_view key) const {
    return fmt::format("{}{}{}", place_, place_.empty() ? "" : ".", key);
}

StudyJson StudyJson::at(std::string_view key) const {
    if (!has(key)) {
        refuse(fmt::format("'{}' is missing", key));
    }
    return {value_.at(std::string(key)), file_, place_of(key)};
}

std::vector<StudyJson> StudyJson::items() const {
    if (!value_.is_array()) {
        refuse(fmt::format("{} found; allowed: a list", value_.type_name()));
    }
    std::vector<StudyJson> out;
    for (const Json& item : value_) {
        out.emplace_back(item, file_, fmt::format("{}[{}]", place_, out.size()));
    }
    return out;
}

std::vector<std::pair<std::string, StudyJson>> StudyJson::members() const {
    if (!value_.is_object()) {
        refuse(fmt::format("{} found; allowed: an object", value_.type_name()));
    }
    std::vector<std::pair<std::string, StudyJson>> out;
    for (const auto& [key, value] : value_.items()) {
        out.emplace_back(key, StudyJson(value, file_, place_of(key)));
    }
    return out;
}

std::string StudyJson::text() const {
    if (!value_.is_string()) {
        refuse(fmt::format("{} found; allowed: a text", value_.type_name()));
    }
    return value_.get<std::string>();
}

std::string StudyJson::text_or(std::string_view key, const std::string& otherwise) const {
    return has(key) ? at(key).text() : otherwise;
}

double StudyJson::number() const {
    if (!value_.is_number()) {
        refuse(fmt::format("{} found; allowed: a number", value_.type_name()));
    }
    return value_.get<double>();
}

std::string StudyJson::value_text() const {
    if (value_.is_number() || value_.is_boolean()) {
        return value_.dump();
    }
    return text();
}

std::string StudyJson::name() const {
    std::string name = text();
    const bool is_plain = std::all_of(name.begin(), name.end(),
                                      [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
    if (name.empty() || !is_plain) {
        refuse(fmt::format("'{}' found; allowed: letters, digits, _ and -", name));
    }
    return name;
}

std::string StudyJson::one_of(const std::vector<std::string>& allowed) const {
    std::string word = text();
    if (std::find(allowed.begin(), allowed.end(), word) == allowed.end()) {
        refuse(fmt::format("'{}' found; allowed: {}", word, enumeration(allowed)));
    }
    return word;
}

StudyJson StudyJson::patched(const StudyJson& patch) const {
    Json value = value_;
    value.merge_patch(patch.value_);
    return {value, file_, place_};
}

}  // namespace aqpim
