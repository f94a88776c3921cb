/* The two files of the generator. */
#ifndef GENERATE_WRITE_H
#define GENERATE_WRITE_H

#include "chain.h"

/* Write FOLDER/events.csv in order of arrival, and FOLDER/truth.csv. 0 after telling why not. */
int write_events(const char *folder, struct facts *facts);
int write_truth(const char *folder, const struct truths *truths);

#endif
