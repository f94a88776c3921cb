/* Every section, in the order of the rooms: included several times, with SECTION defined differently. */
SECTION(core)
SECTION(numeric)
SECTION(event)
SECTION(profile)
SECTION(model)
SECTION(score)
SECTION(survival)
SECTION(lifetime)
