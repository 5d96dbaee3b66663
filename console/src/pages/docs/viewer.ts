/** The viewer of the API reference: a library of its own, put into the page with what the console adds to it. */
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import 'swagger-ui-dist/swagger-ui.css';
import './docs.css';
import { text } from '../../text/en.ts';
import { type ApiDocument, curlOf, type KnownValues } from './curl.ts';

export interface ViewerOptions {
  readonly node: HTMLElement;
  readonly document: ApiDocument;
  readonly known: KnownValues;
}

/**
 * Shows the document in `node`. Nothing can be sent from it: with the session's cookie a click on a button would act on
 * the organisation itself. The lines for the shell take its place.
 */
export function showDocument({ node, document, known }: ViewerOptions): void {
  SwaggerUI({
    domNode: node,
    spec: document,
    docExpansion: 'list',
    defaultModelsExpandDepth: -1,
    supportedSubmitMethods: [],
    validatorUrl: null,
    syntaxHighlight: { activated: false },
    layout: 'ConsoleLayout',
    plugins: [additions(document, known)],
  });
}

type Props = Readonly<Record<string, unknown>>;
type Component = (props: Props) => unknown;

/** The React that the library brings, which is not the console's. */
interface LibraryReact {
  createElement(type: unknown, props: Props | null, ...children: unknown[]): unknown;
  useState<Value>(first: Value): [Value, (value: Value) => void];
}

interface System {
  readonly React: LibraryReact;
}

interface LayoutProps {
  /** A component of the library; `isContainer`: with its state. */
  readonly getComponent: (name: string, isContainer?: boolean) => unknown;
}

function additions(document: ApiDocument, known: KnownValues) {
  return (system: System) => ({
    components: {
      ConsoleLayout: (props: LayoutProps) => operationsOnly(system.React, props),
      authorizeOperationBtn: () => null,
    },
    wrapComponents: {
      parameters: (Original: Component, { React }: System) => withCurl(React, Original, document, known),
      responses: (Original: Component, { React }: System) => withName(React, Original),
    },
  });
}

/** Only the operations: the page has a title, a main landmark and a way to log in already. */
function operationsOnly(React: LibraryReact, { getComponent }: LayoutProps): unknown {
  return React.createElement(
    'div',
    { className: 'swagger-ui' },
    React.createElement(getComponent('SvgAssets'), null),
    React.createElement(getComponent('operations', true), null),
  );
}

/** The parameters of an operation, and before them its line for the shell. */
function withCurl(React: LibraryReact, Original: Component, document: ApiDocument, known: KnownValues): Component {
  const h = React.createElement;
  const CopyButton = copyButton(React);
  return (props) => {
    const [path = '', method = ''] = props.pathMethod as readonly string[]; // as the library documents it
    const line = curlOf(document, path, method, known);
    return h(
      'div',
      null,
      h(
        'div',
        { className: 'docs-curl' },
        h('div', { className: 'docs-curl-head' }, h('h4', null, text.docs.curl), h(CopyButton, { line })),
        h('pre', { tabIndex: 0, 'aria-label': text.docs.curlOf(method.toUpperCase(), path) }, h('code', null, line)),
      ),
      h(Original, props),
    );
  };
}

/** The library makes a region of each table of responses and gives none of them a name. */
function withName(React: LibraryReact, Original: Component): Component {
  return (props) => {
    const name = text.docs.responsesOf(String(props.method).toUpperCase(), String(props.path));
    const nameRegions = (node: HTMLElement | null) => {
      for (const table of node?.querySelectorAll('table[role="region"]') ?? []) table.setAttribute('aria-label', name);
    };
    return React.createElement('div', { ref: nameRegions }, React.createElement(Original, props));
  };
}

function copyButton(React: LibraryReact): Component {
  return ({ line }) => {
    const [said, say] = React.useState<string>(text.docs.copy);
    const copy = () => {
      navigator.clipboard.writeText(String(line)).then(
        () => say(text.docs.copied),
        () => say(text.docs.notCopied),
      );
    };
    return React.createElement('button', { type: 'button', className: 'docs-copy', onClick: copy }, said);
  };
}
