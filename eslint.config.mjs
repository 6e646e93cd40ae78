// What the compiler and prettier cannot see: floating promises, `any` that creeps in, unsafe narrowing.
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const PRODUCT = ["src/**/*.ts", "webview/**/*.ts"];
const TYPESCRIPT = ["**/*.ts"];

export default defineConfig(
  // AssemblyScript has its own compiler.
  globalIgnores([
    "src/engine/kernels/assembly/",
    "**/*.generated.ts",
    "dist/",
    "coverage/",
    ".demo/",
    "test/e2e/screenshots/",
  ]),
  js.configs.recommended,
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // Numbers, booleans and lists of them print as themselves.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true, allowArray: true },
      ],
      // `return log.show()` and `() => log.show()` say what they mean where nothing is given back.
      "@typescript-eslint/no-confusing-void-expression": "off",
      // The methods of our interfaces are closures: they may be taken out of their object.
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/no-unnecessary-type-arguments": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // The types say that an array has an entry at every index; checking whether it does is right.
      "@typescript-eslint/no-unnecessary-condition": "off",
      // File formats have control characters.
      "no-control-regex": "off",
      // Declarations of what a platform has are classes of a constructor alone.
      "@typescript-eslint/no-extraneous-class": "off",
      // An `async` method that awaits nothing keeps the promise that its interface makes, and rejects instead of throwing.
      "@typescript-eslint/require-await": "off",
      // Empty callbacks are said to be empty by their name.
      "@typescript-eslint/no-empty-function": "off",
      // Kernels index typed arrays by number; keys that are computed are deliberate.
      "@typescript-eslint/no-dynamic-delete": "off",
    },
  },
  {
    files: PRODUCT,
    rules: {
      "no-console": "error",
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // A test may say "this is there": it fails when it is not.
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      // JSON that a test reads back is checked by its expectations.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-unnecessary-type-assertion": "off",
      "@typescript-eslint/no-misused-spread": "off",
    },
  },
  {
    files: ["**/*.{mjs,cjs}"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        Buffer: "readonly",
        module: "writable",
        require: "readonly",
        URL: "readonly",
      },
    },
  },
);
