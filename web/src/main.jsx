import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';
import { createRoot } from 'react-dom/client';
import { Page } from './page.jsx';

const root = document.getElementById('root');
createRoot(root).render(<Page paths={{ ...root.dataset }} />);
