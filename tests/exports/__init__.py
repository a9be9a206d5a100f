"""The build files of docs/exports.md, checked by the build systems' own tools where these can be had."""
