/** Label that everything of a run carries, with its name. */
export const RUN = 'faildrill/run';

/** Annotation of a run with the version of faildrill that made it. */
export const VERSION = 'faildrill/version';

/** Label that Kubernetes gives the pods of a Job, and the variable that drills know their run by. */
export const JOB_UID = 'batch.kubernetes.io/controller-uid';
export const RUN_ID = 'FAILDRILL_RUN';

/** The container that drills, and the one that holds its results until they were fetched. */
export const DRILL = 'drill';
export const RESULTS = 'results';

/** Where a pod has what travelled, as parts; where it unpacks that; where its results are. */
export const PATHS = {
  parts: '/faildrill/parts',
  files: '/faildrill/files',
  results: '/faildrill/results',
} as const;

/** The archive with all that an index leaves. It is there whole, or not at all. */
export const ARCHIVE = 'result.tar.gz';

/** The variable that tells a pod which bucket its archive is kept in as well, and the annotation that tells whoever follows its run. */
export const BUCKET_VARIABLE = 'FAILDRILL_BUCKET';
export const BUCKET_ANNOTATION = 'faildrill/bucket';

/** A file beside the archive that says that it is in the bucket, and one in the archive that says why it is not. */
export const STORED = 'stored';
export const NOT_STORED = 'not-stored.txt';

/** What the container with the results ends with: nobody came for them in time; it was told to end before. */
export const HOLD_EXIT = { expired: 64, stopped: 65 } as const;

/**
 * Whether a run can be called so: pods of an Indexed Job are called after it, their index and five characters more, and that has to be the name of a host (RFC 1123, 63
 * characters).
 */
export const isRunName = (text: string): boolean => /^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$/.test(text);
