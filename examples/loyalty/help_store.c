/* What `loyalty help` tells about stores on files. */
#include "commands.h"

#include <string.h>

/* clang-format off: lines here are lines of the manual */

#define STORE_OPTIONS                                                                                        \
	"  --model NAME|FILE    the model the store follows (retail)\n"                                      \
	"  --rebuild            make profiles again from the events when they follow another model\n"        \
	"  --progress           tell how far the work has come even when standard error is no terminal\n"    \
	"  --quiet              tell nothing but errors on standard error\n"

static const char store[] =
        "A store is a directory that keeps events for ever and the profiles they add up to. What a command "
        "said\n"
        "it took in survives crashes and power cuts; recovery needs no tool. The same events give the same\n"
        "store in any order, however often they are sent, so stores may exchange what they have at any "
        "time.\n"
        "\n"
        "  loyalty import STORE EVENTS.csv      take in tables of events, or bundles; makes the store\n"
        "  loyalty score STORE                  as with a file; also explain, change and profile\n"
        "  loyalty export STORE BUNDLE          a file with all records, or those another store lacks\n"
        "  loyalty sync STORE OTHER             give each what it lacks of the other\n"
        "  loyalty erase STORE CUSTOMER         erase a customer, here and wherever bundles go\n"
        "  loyalty compact STORE                fresh snapshot; erased bytes leave the files\n"
        "  loyalty verify STORE                 read and check every byte, and profiles against events\n"
        "  loyalty stats STORE                  figures\n"
        "\n"
        "A customer is named by its key, or by # and its number: '#4711'.\n"
        "One process at a time changes a store. Scores of a store are as of now unless --at is given, which\n"
        "reads the events up to then.\n";

static const char import[] =
        "loyalty import STORE FILE... [options]\n"
        "\n"
        "Takes events from tables (as `loyalty score` reads them) and from bundles (what `loyalty export`\n"
        "writes) into a store, which is made when missing. All is on the medium when the command ends with "
        "0.\n"
        "Importing anything again does no harm.\n"
        "\n"
        "  --columns MAPPING    which column is which (see `loyalty help columns`)\n"
        "  --separator CHAR     what stands between cells (,); `tab` for tabs\n"
        "  --strict             stop at the first row that cannot be used or contradicts "
        "another\n" STORE_OPTIONS "\n"
        "examples\n"
        "  loyalty import shop events.csv\n"
        "  loyalty import shop till-1.bundle till-2.bundle\n";

static const char export[] =
        "loyalty export STORE [FILE] [options]\n"
        "\n"
        "Writes a bundle of the store's records to FILE or standard output.\n"
        "\n"
        "  --vector             write the store's version vector instead: what it has\n"
        "  --since FILE         only what the store with the version vector in FILE lacks\n"
        "  --customer KEY       write all that is known of one customer instead, as JSON\n"
        "  --at DATE            with --customer: scores and faded evidence as of that date "
        "(now)\n" STORE_OPTIONS "\n"
        "examples\n"
        "  loyalty export shop everything.bundle\n"
        "  loyalty export office --vector > office.vector       # carry it to the shop ...\n"
        "  loyalty export shop news.bundle --since office.vector\n"
        "  loyalty export shop --customer C000042 > C00042.json\n";

static const char sync[] =
        "loyalty sync STORE OTHER [options]\n"
        "\n"
        "Gives each of two stores what it lacks of the other and prints their states, which are then equal.\n"
        "Exit code 1 when they are not. OTHER is made when missing.\n"
        "\n" STORE_OPTIONS "\n"
        "example\n"
        "  loyalty sync shop stick/shop\n";

static const char verify[] =
        "loyalty verify STORE [options]\n"
        "\n"
        "Reads every byte of a store: checksums, numbers, structure, the hash chain, and whether each "
        "profile\n"
        "is the sum of its events. Exit code 3, with file and byte, when something is wrong. `chain_head`\n"
        "stands for all records up to now: noted elsewhere, it proves later that none of them was changed.\n"
        "\n"
        "  --format FORMAT      table, csv or json (table)\n" STORE_OPTIONS;

static const char erase[] =
        "loyalty erase STORE CUSTOMER... [options]\n"
        "\n"
        "Erases customers: their events up to a date count no more, here and in every store that this one's\n"
        "bundles reach, also when they arrive later. `loyalty compact` then takes the bytes out of the "
        "files.\n"
        "\n"
        "  --until DATE         events up to that date (all, also those to come)\n" STORE_OPTIONS;

static const char compact[] =
        "loyalty compact STORE [options]\n"
        "\n"
        "Writes a fresh snapshot, so that opening is fast, and takes the bytes of erased events out of the\n"
        "files. May be interrupted at any moment.\n"
        "\n" STORE_OPTIONS;

static const char stats[] =
        "loyalty stats STORE [options]\n"
        "\n"
        "Prints the figures of a store: customers, events, records, erasures, conflicts, bytes.\n"
        "\n"
        "  --format FORMAT      table, csv or json (table)\n" STORE_OPTIONS;

/* clang-format on */

const char *help_on_stores(const char *topic)
{
	static const struct {
		const char *name, *text;
	} topics[] = {
	        {"store", store},   {"import", import}, {"export", export},   {"sync", sync},
	        {"verify", verify}, {"erase", erase},   {"compact", compact}, {"stats", stats},
	};
	size_t i;

	for (i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
		if (strcmp(topic, topics[i].name) == 0)
			return topics[i].text;
	}
	return NULL;
}
