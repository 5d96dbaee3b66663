/** A placeholder: the page itself is on its way and takes this file's place. */
import { PageHead } from '../shell/PageHead.tsx';
import { text } from '../text/en.ts';

export function Page() {
  return (
    <div className="page">
      <PageHead title={text.docs.title} />
    </div>
  );
}
