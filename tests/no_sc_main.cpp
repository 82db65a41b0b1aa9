// libsystemc.so refers to sc_main; the tests elaborate by themselves.
int sc_main(int, char**) { return 0; }
