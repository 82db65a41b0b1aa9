#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "platform/study/study_reader.h"

namespace aqpim {

namespace {

namespace fs = std::filesystem;

std::vector<StudySet> read_sets(const StudyJson& json) {
    std::vector<StudySet> sets;
    for (const auto& [name, set] : json.members()) {
        sets.push_back(read_set(name, set));
    }
    if (sets.empty()) {
        json.refuse("a study without sets");
    }
    return sets;
}

/// Refuses a name that one of `others` has already.
template <class Named>
void refuse_second(const StudyJson& json, const std::vector<Named>& others, const std::string& name) {
    if (std::any_of(others.begin(), others.end(), [&](const Named& other) { return other.name == name; })) {
        json.at("name").refuse(fmt::format("'{}' found a second time", name));
    }
}

std::vector<StudyJson> items_of(const StudyJson& json, std::string_view key) {
    return json.has(key) ? json.at(key).items() : std::vector<StudyJson>{};
}

void read_claims(Study& study, const StudyJson& json) {
    const std::vector<StudyJson> claims = items_of(json, "claims");
    for (const StudyJson& item : claims) {
        const Claim claim = read_claim(item, study);
        refuse_second(item, study.claims, claim.name);
        study.claims.push_back(claim);
    }
    for (const StudyJson& item : items_of(json, "tornados")) {
        const Tornado tornado = read_tornado(item, claims, study);
        refuse_second(item, study.tornados, tornado.name);
        study.tornados.push_back(tornado);
    }
    for (const StudyJson& item : items_of(json, "tables")) {
        const StudyTable table = read_table(item, study);
        refuse_second(item, study.tables, table.name);
        study.tables.push_back(table);
    }
}

StudyPage read_page(const StudyJson& json) {
    json.allow({"file", "template"}, {});
    const StudyPage page{json.at("file").text(), study_path(json.at("template"))};
    if (page.file.empty() || page.file != fs::path(page.file).filename().string() || page.file.front() == '.') {
        json.at("file").refuse(fmt::format("'{}' found; allowed: a file's name without a folder", page.file));
    }
    return page;
}

}  // namespace

Study read_study(const std::string& file) {
    const StudyJson json = StudyJson::read(file);
    json.allow({"title", "sets"}, {"configs", "set", "claims", "tornados", "tables", "pages"});
    Study study{file, json.at("title").text(), read_change(json), read_sets(json.at("sets")), {}, {}, {}, {}};
    read_claims(study, json);
    for (const StudyJson& item : items_of(json, "pages")) {
        study.pages.push_back(read_page(item));
    }
    return study;
}

}  // namespace aqpim
