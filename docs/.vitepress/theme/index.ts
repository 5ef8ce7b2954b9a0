/// <reference types="vite/client" />
import 'katex/dist/katex.min.css';
import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import { DataTable } from './data-table.ts';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => {
    app.component('DataTable', DataTable);
  },
} satisfies Theme;
