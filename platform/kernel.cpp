#include "platform/kernel.h"

#if defined(__SANITIZE_ADDRESS__)
#include <pthread.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace aqpim {

namespace {

#if defined(__SANITIZE_ADDRESS__)
void tell_sanitizer_the_stack() {
    pthread_attr_t attributes;
    void* bottom = nullptr;
    std::size_t bytes = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        pthread_attr_getstack(&attributes, &bottom, &bytes);
        pthread_attr_destroy(&attributes);
        __sanitizer_start_switch_fiber(nullptr, bottom, bytes);
        __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);
    }
}
#else
void tell_sanitizer_the_stack() {}
#endif

}  // namespace

void run_kernel(const sc_core::sc_time& duration, sc_core::sc_starvation_policy policy) {
    sc_core::sc_start(duration, policy);
    tell_sanitizer_the_stack();
}

}  // namespace aqpim
