#!/usr/bin/env node
// In syntax that Node 12 parses, so that an old Node can say what is missing instead of failing to parse.
var NEEDED = 24
var major = Number(process.versions.node.split('.')[0])

if (major < NEEDED) {
  process.stderr.write(
    'shoal: this needs Node.js ' +
      NEEDED +
      ' or newer and runs on ' +
      process.versions.node +
      ': install one from https://nodejs.org/en/download, then run the command again\n',
  )
  process.exitCode = 1
} else {
  import('../dist/index.js').then(
    function (shoal) {
      return shoal.main()
    },
    function (error) {
      var isUncompiled = error.code === 'ERR_MODULE_NOT_FOUND' && String(error.message).indexOf('dist') >= 0
      process.stderr.write(
        isUncompiled
          ? 'shoal: this copy is not compiled yet: run npm run build in its repository\n'
          : String(error.stack) + '\n',
      )
      process.exitCode = 1
    },
  )
}
