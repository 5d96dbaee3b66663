/** Catches what a page throws while it is drawn, so that the rest of the console goes on. */
import { Component, type ReactNode } from 'react';
import { text } from '../text/en.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/states.tsx';

interface Props {
  readonly children: ReactNode;
}

// A class, since React has no other way to catch.
export class PageBoundary extends Component<Props, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <EmptyState
        icon="warning"
        title={text.shell.crashTitle}
        actions={
          <Button icon="refresh" onClick={() => location.reload()}>
            {text.shell.reload}
          </Button>
        }
      >
        {text.shell.crashText}
      </EmptyState>
    );
  }
}
