/* Reports failure with a code. */
int main(void) {
    return 7;
}
