/* Tables of events with everything that tables have: repetitions, conflicts, flawed rows, rows that do not fit. */
#ifndef LOY_TESTS_TABLES_H
#define LOY_TESTS_TABLES_H

#include "stores.h"

enum { TABLE_ROWS = 900, TABLE_COLUMNS = 9 };

struct table {
	uint16_t kind[TABLE_ROWS];
	int64_t time[TABLE_ROWS], amount[TABLE_ROWS], extra[TABLE_ROWS];
	int32_t offset[TABLE_ROWS];
	uint64_t customer[TABLE_ROWS], high[TABLE_ROWS], low[TABLE_ROWS];
	loy_column column[TABLE_COLUMNS];
	uint32_t columns;
	size_t rows;
	loy_status status[TABLE_ROWS];
};

/* Fill a table: the same one for a number. Even ones have the columns of plain sales, multiples of 5 no flaws. */
void table_fill(struct table *t, uint64_t number);

#endif
