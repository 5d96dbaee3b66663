import { PageHead } from '../../shell/PageHead.tsx';
import { text } from '../../text/en.ts';

export function Page() {
  return (
    <div className="page">
      <PageHead title={text.log.title} />
    </div>
  );
}
