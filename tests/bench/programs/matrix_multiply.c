/* Products of matrices of double, 48 by 48. */
#include <stdint.h>

enum { size = 48 };
static double a[size][size], b[size][size], c[size][size];
volatile double result;

void work(uint64_t repetitions)
{
    for (int row = 0; row < size; ++row) {
        for (int column = 0; column < size; ++column) {
            a[row][column] = 1.0 / (1 + row + column);
            b[row][column] = row - 0.37 * column;
        }
    }
    for (uint64_t i = 0; i < repetitions; ++i) {
        for (int row = 0; row < size; ++row) {
            for (int column = 0; column < size; ++column) {
                double sum = 0;
                for (int k = 0; k < size; ++k) {
                    sum += a[row][k] * b[k][column];
                }
                c[row][column] = sum;
            }
        }
        a[0][0] = c[size - 1][size - 1] * 1e-9;
    }
    result = c[3][4];
}
