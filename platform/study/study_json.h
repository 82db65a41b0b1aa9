#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aqpim {

/// A value in a JSON file that users write. It knows the file and where it stands in it, so that whatever is wrong with
/// it is said with its place: "headline.json: claims[2].rows[0].kind: 'shares' found; allowed: ratio, share, figure".
class StudyJson {
 public:
    using Json = nlohmann::ordered_json;

    StudyJson(Json value, std::string file, std::string place)
        : value_(std::move(value)), file_(std::move(file)), place_(std::move(place)) {}

    /// Reads a file; `//` and `/* */` are comments. Throws InputError when it cannot be read or is not JSON.
    static StudyJson read(const std::string& file);

    /// Throws InputError: FILE: PLACE: `message`.
    [[noreturn]] void refuse(const std::string& message) const;
    /// Refuses anything but an object that has `required` and of `optional` what it likes, and no other key.
    void allow(std::initializer_list<std::string_view> required,
               std::initializer_list<std::string_view> optional) const;

    bool has(std::string_view key) const;
    StudyJson at(std::string_view key) const;
    /// Of a list.
    std::vector<StudyJson> items() const;
    /// Of an object, in the order of the file.
    std::vector<std::pair<std::string, StudyJson>> members() const;

    bool is_text() const { return value_.is_string(); }
    std::string text() const;
    std::string text_or(std::string_view key, const std::string& otherwise) const;
    double number() const;
    /// A parameter's value: a text as it is, a number or a flag as JSON writes it.
    std::string value_text() const;
    /// A text that names something in pages and files: letters, digits, `_` and `-`.
    std::string name() const;
    std::string one_of(const std::vector<std::string>& allowed) const;

    /// The same object with what `patch` says instead (RFC 7386: objects are merged, null removes). The result's place
    /// is this one's.
    StudyJson patched(const StudyJson& patch) const;

    const std::string& file() const { return file_; }
    /// Where `key` of this object stands.
    std::string place_of(std::string_view key) const;

 private:
    Json value_;
    std::string file_;
    std::string place_;
};

/// "a, b or c".
std::string enumeration(const std::vector<std::string>& words);

}  // namespace aqpim
