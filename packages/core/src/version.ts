/** The version of this package, the same as that of the Python side. */
export const VERSION = "0.2.0";
