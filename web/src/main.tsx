/** The page. */
import { render } from 'preact';
import './style/theme.css';
import './style/base.css';
import { openLink } from './session/keep.ts';
import { findPayload } from './session/session.ts';
import { Shell } from './shell/shell.tsx';

const page = document.getElementById('page');
if (page !== null) render(<Shell />, page);
void findPayload().then(openLink);
addEventListener('hashchange', () => void openLink());
// Without a network the page is there all the same.
if ('serviceWorker' in navigator)
  void navigator.serviceWorker.register('./service-worker.js').catch(() => undefined);
