declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  /** What of its settings the console uses; it describes no types itself. */
  export default function SwaggerUI(settings: Readonly<Record<string, unknown>>): unknown;
}
