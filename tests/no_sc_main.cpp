// libsystemc.so refers to sc_main; the tests elaborate by themselves.
extern "C" int sc_main(int, char**) {
    return 0;
}
