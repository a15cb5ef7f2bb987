/** wrangler reads this when it is first imported: its notices about where secrets come from are not news here. */
process.env.WRANGLER_LOG ??= "error";
process.env.WRANGLER_SEND_METRICS ??= "false";
