import solid from "eslint-plugin-solid/configs/typescript";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "node_modules", "packages/client/src/openapi.ts"] },
  ...tseslint.configs.strictTypeChecked,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  { files: ["src/**/*.{ts,tsx}"], ...solid },
  {
    rules: {
      "max-lines": ["error", { max: 400 }],
      "max-lines-per-function": ["error", { max: 120 }],
      "no-console": "error",
      "no-restricted-globals": ["error", "fetch", "WebSocket", "localStorage"],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  // What holds tests together is no function to be read.
  { files: ["**/*.test.ts"], rules: { "max-lines-per-function": "off" } },
  // Words are as long as they are.
  { files: ["src/text/**"], rules: { "max-lines": "off" } },
  // The network is touched in one place, and the first paint knows no modules.
  {
    files: ["packages/client/**", "src/sw/**", "tests/**", "public/theme.js"],
    rules: { "no-restricted-globals": "off" },
  },
  { files: ["**/*.js"], ...tseslint.configs.disableTypeChecked },
);
