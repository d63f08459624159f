"""`python -m bot` is `tertulia`."""

from bot.cli import main

raise SystemExit(main())
