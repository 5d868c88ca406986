import fc from 'fast-check';

// The same examples in every run: a change fails only for what it changed. `npm run test:properties` looks for new ones.
if (process.env.PROPERTIES !== 'random') fc.configureGlobal({ seed: 1 });
