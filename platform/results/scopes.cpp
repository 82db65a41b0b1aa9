#include "platform/results/scopes.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <numeric>

namespace aqpim {

std::vector<std::string> scopes_of(const std::string& path) {
    std::vector<std::string> scopes;
    std::size_t begin = 0;
    for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
        end = path.find('.', begin);
        scopes.push_back(path.substr(begin, end - begin));
    }
    return scopes;
}

std::string device_of(const std::string& path) {
    return path.substr(0, path.find('.'));
}

std::vector<std::size_t> scope_order(const std::vector<std::string>& paths) {
    std::map<std::string, std::size_t> first_in_scope;
    std::vector<std::vector<std::size_t>> keys(paths.size());
    for (std::size_t i = 0; i < paths.size(); ++i) {
        std::string scope;
        for (const std::string& part : scopes_of(paths[i])) {
            scope += '.' + part;
            keys[i].push_back(first_in_scope.try_emplace(scope, i).first->second);
        }
    }
    std::vector<std::size_t> order(paths.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
    return order;
}

std::string as_word(std::string_view text) {
    std::string word(text);
    std::replace_if(
        word.begin(), word.end(), [](unsigned char c) { return std::isgraph(c) == 0; }, '_');
    return word.empty() ? "_" : word;
}

}  // namespace aqpim
